// Runs in the same extension host as the extension under test, and watches that thread from inside: every few milliseconds a timer
// notes how long ago the last one was, by the clock and by the processor time of this very thread. Asked over a socket.
const net = require('node:net');
const { monitorEventLoopDelay, performance } = require('node:perf_hooks');

const EVERY_MS = 5;
const KEPT = 5;

exports.activate = (context) => {
  const path = process.env.HANDSHAKE_HOST_PROBE;
  if (!path) return;
  const histogram = monitorEventLoopDelay({ resolution: EVERY_MS });
  histogram.enable();
  let longest = [];
  let last = performance.now();
  let lastWork = work();
  let since = last;
  const timer = setInterval(() => {
    const now = performance.now();
    const worked = work();
    const turn = { at: now - since, clock: now - last, work: worked - lastWork };
    if (longest.length < KEPT || turn.work > longest[KEPT - 1].work) {
      longest.push(turn);
      longest.sort((a, b) => b.work - a.work);
      longest = longest.slice(0, KEPT);
    }
    last = performance.now();
    lastWork = work();
  }, EVERY_MS);
  const server = net.createServer((socket) => {
    const answer = { pid: process.pid, delay: histogram.max / 1e6, ofMs: performance.now() - since, longest };
    socket.on('error', () => {});
    socket.end(JSON.stringify(answer));
    histogram.reset();
    longest = [];
    since = performance.now();
  });
  server.listen(path);
  context.subscriptions.push({ dispose: () => [clearInterval(timer), server.close()] });
};

/** Milliseconds that this thread has spent on a processor. */
function work() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
