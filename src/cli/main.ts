import { isMainThread, workerData } from 'node:worker_threads';

// A thread of `decode` is started with this same file; each loads only what it needs.
if (isMainThread) void import('./program').then(({ run }) => run());
else if (workerData.role === 'observe')
  void import('./observe-worker').then(({ serveObserving }) => serveObserving());
else void import('./decode-worker').then(({ serveDecoding }) => serveDecoding());
