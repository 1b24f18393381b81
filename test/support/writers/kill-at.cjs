// Loaded before a program that writes files (`node --require`): counts what it does to the disk, and at the operation that it is told
// kills it or lets the disk be full. HANDSHAKE_WRITES is JSON:
//   { "log": FILE }                                   nothing happens; every operation is a line of FILE
//   { "at": 3, "share": 0.4, "how": "kill" }          operation 3 (from 0) is done to 40 % (a write) or, from 0.5 on, wholly; then SIGKILL
//   { "at": 3, "share": 0.9, "how": "SIGTERM" }       the same, and the program is told to end
//   { "at": 3, "share": 0.4, "how": "full" }          the same, and it fails with ENOSPC, as all that want room after it
const fs = require('node:fs');
const promises = require('node:fs/promises');

const plan = JSON.parse(process.env.HANDSHAKE_WRITES ?? '{}');
const real = { appendFileSync: fs.appendFileSync, writeSync: fs.writeSync };
let count = 0;
let full = false;

function noSpace() {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 });
}

/** Whether this operation is the one. @param wantsRoom fails when the disk is full */
function begins(name, wantsRoom) {
  if (plan.log !== undefined) real.appendFileSync(plan.log, `${name}\n`);
  if (full && wantsRoom) throw noSpace();
  return count++ === plan.at;
}

function ends(wantsRoom) {
  if (plan.how === 'kill') process.kill(process.pid, 'SIGKILL');
  if (plan.how !== 'full') {
    process.kill(process.pid, plan.how);
    return;
  }
  // What takes no room succeeds on a full disk.
  full = true;
  if (wantsRoom) throw noSpace();
}

const writes = (flags) => flags !== undefined && flags !== 'r' && flags !== 0;
const part = (bytes) => bytes.subarray(0, Math.floor(bytes.length * plan.share));

/** Replaces a function; `where` 0 is before it and 1 after it. */
function around(object, name, wantsRoom = false) {
  const call = object[name].bind(object);
  object[name] = (...given) => {
    const now = begins(name, wantsRoom);
    if (now && (plan.how === 'full' || plan.share < 0.5)) ends(wantsRoom);
    const result = call(...given);
    if (!now || plan.how === 'full') return result;
    if (!(result instanceof Promise)) {
      ends(false);
      return result;
    }
    return result.then((value) => {
      ends(false);
      return value;
    });
  };
}

for (const name of ['rename', 'rm', 'mkdir', 'mkdtemp', 'copyFile', 'writeFile', 'unlink'])
  around(promises, name, /^(mk|copy|write)/.test(name));
for (const name of ['renameSync', 'rmSync', 'fsyncSync']) around(fs, name);

const { open } = promises;
promises.open = async (file, flags, mode) => {
  if (!writes(flags)) return open(file, flags, mode);
  const now = begins('open', true);
  if (now && (plan.how === 'full' || plan.share < 0.5)) ends(true);
  const handle = await open(file, flags, mode);
  if (now) ends(false);
  const { writeFile } = handle;
  const writeAll = writeFile.bind(handle);
  handle.writeFile = async (data) => {
    const bytes = Buffer.from(data);
    if (begins('write', true)) {
      await writeAll(part(bytes));
      ends(true);
    }
    return writeAll(bytes);
  };
  around(handle, 'sync');
  around(handle, 'close');
  return handle;
};

const { openSync } = fs;
const opened = new Set();
fs.openSync = (file, flags, mode) => {
  if (!writes(flags)) return openSync(file, flags, mode);
  const now = begins('openSync', true);
  if (now && (plan.how === 'full' || plan.share < 0.5)) ends(true);
  const descriptor = openSync(file, flags, mode);
  opened.add(descriptor);
  if (now) ends(false);
  return descriptor;
};
fs.writeSync = (descriptor, bytes, ...more) => {
  if (opened.has(descriptor) && begins('writeSync', true)) {
    real.writeSync(descriptor, part(Buffer.from(bytes)), ...more);
    ends(true);
  }
  return real.writeSync(descriptor, bytes, ...more);
};
