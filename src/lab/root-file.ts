import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A root certificate as a file, which is how libpq wants it; gone with the server that made it. */
export class RootFile {
  private constructor(
    private readonly folder: string,
    readonly path: string,
  ) {}

  static async write(pem: string): Promise<RootFile> {
    const folder = await mkdtemp(path.join(tmpdir(), 'handshake-lab-'));
    const file = path.join(folder, 'root.crt');
    await writeFile(file, pem);
    return new RootFile(folder, file);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
