/** The user store's file: whole or not at all, whatever happens while it is written. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { writeWholeNow } from '../files/write-whole';
import { UserStore, type UserStoreSnapshot } from '../mongodb/server/user-store';

const scramSchema = v.object({
  iterationCount: v.pipe(v.number(), v.integer(), v.minValue(1)),
  salt: v.string(),
  storedKey: v.string(),
  serverKey: v.string(),
});

const snapshotSchema = v.object({
  schemaVersion: v.pipe(v.number(), v.integer()),
  users: v.array(
    v.object({
      user: v.string(),
      db: v.string(),
      credentials: v.object({
        'MONGODB-CR': v.optional(v.string()),
        'SCRAM-SHA-1': v.optional(scramSchema),
        'SCRAM-SHA-256': v.optional(scramSchema),
        external: v.optional(v.literal(true)),
      }),
      roles: v.array(v.object({ role: v.string(), db: v.string() })),
    }),
  ),
});

const FORMAT = 'handshake-inspector users 1';

/** A file that is there but is not what was written. It is left as it is. */
export class DamagedUserFile extends Error {}

/** The store as the file has it, empty when there is no file; every change is on disk before anybody is told of it. */
export function openUserStore(file: string, schemaVersion?: number): UserStore {
  const found = readSnapshot(file);
  return new UserStore({
    schemaVersion: found?.schemaVersion ?? schemaVersion,
    users: found?.users,
    save: (snapshot) => writeWholeNow(file, encodeSnapshot(snapshot)),
  });
}

/** First line: the format and the SHA-256 of the rest; then JSON. */
export function encodeSnapshot(snapshot: UserStoreSnapshot): string {
  const body = `${JSON.stringify(snapshot, null, 2)}\n`;
  return `${FORMAT} ${sha256(body)}\n${body}`;
}

/** @throws DamagedUserFile */
export function decodeSnapshot(text: string, file: string): UserStoreSnapshot {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== `${FORMAT} ${sha256(body)}`) {
    throw new DamagedUserFile(`${file} is damaged: its checksum is not that of its content`);
  }
  const parsed = v.safeParse(snapshotSchema, JSON.parse(body));
  if (!parsed.success) throw new DamagedUserFile(`${file}: ${parsed.issues[0].message}`);
  return parsed.output;
}

function readSnapshot(file: string): UserStoreSnapshot | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return decodeSnapshot(text, file);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
