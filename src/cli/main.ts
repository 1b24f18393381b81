import { DECODE_WORKER } from './thread';

const run = () => import('./program').then((program) => program.run());

// A thread of `decode` is started with this same file. Each loads only what it needs: even node:worker_threads takes its time.
if (process.argv[2] === DECODE_WORKER) {
  void import('./decode-worker').then((worker) => worker.serveDecoding() ?? run());
} else {
  void run();
}
