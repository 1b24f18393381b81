import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../scripts/toolchain/run.mjs';

const execute = promisify(execFile);

/**
 * Has OpenSSL write its secrets down where a program does not ask it to: libpq before 18 has no `sslkeylogfile`. Only dlsym's names
 * are used, so no headers of OpenSSL are needed.
 */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void keep(const void *ssl, const char *line)
{
    (void) ssl;
    const char *file = getenv("PARITY_KEYLOG");
    FILE *out = file ? fopen(file, "a") : NULL;
    if (!out) return;
    fprintf(out, "%s\\n", line);
    fclose(out);
}

void *SSL_CTX_new(const void *method)
{
    void *(*make)(const void *) = (void *(*)(const void *)) dlsym(RTLD_NEXT, "SSL_CTX_new");
    void (*set)(void *, void (*)(const void *, const char *)) =
        (void (*)(void *, void (*)(const void *, const char *))) dlsym(RTLD_NEXT, "SSL_CTX_set_keylog_callback");
    void *context = make(method);
    if (context && set) set(context, keep);
    return context;
}
`;

/** Compiles the library into `folder`; undefined where there is no C compiler: then what is inside TLS stays closed. */
export async function buildKeyLogShim(folder: string): Promise<string | undefined> {
  const compiler = onPath('cc', 'gcc', 'clang');
  if (!compiler || process.platform !== 'linux') return undefined;
  const source = path.join(folder, 'keylog.c');
  const library = path.join(folder, 'keylog.so');
  writeFileSync(source, SOURCE);
  try {
    await execute(compiler, ['-shared', '-fPIC', '-o', library, source, '-ldl']);
    return library;
  } catch {
    return undefined;
  }
}
