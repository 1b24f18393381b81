import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeTemporaryFolder } from '../files/temporary-folder';
import { writeWhole } from '../files/write-whole';

/** A root certificate as a file, which is how libpq wants it; gone with the server that made it. */
export class RootFile {
  private constructor(
    private readonly folder: string,
    readonly path: string,
  ) {}

  static async write(pem: string): Promise<RootFile> {
    const folder = await makeTemporaryFolder('lab');
    const file = path.join(folder, 'root.crt');
    await writeWhole(file, pem);
    return new RootFile(folder, file);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
