// Says whether a product of the build is older than what it is made of, without opening any of it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/**
 * @param {string[]} entries files and folders of the checkout
 * @returns {string} changes when a file under them is written, added, renamed or removed
 */
export function fingerprint(entries) {
  const hash = createHash('sha256');
  const visit = (file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(file).sort()) visit(path.join(file, name));
    } else {
      hash.update(`${path.relative(root, file)}\0${stat.mtimeMs}\0${stat.size}\n`);
    }
  };
  for (const entry of entries) visit(path.join(root, entry));
  return hash.digest('hex');
}

/** @returns {boolean} whether `product` exists and its stamp says it was made from `print` */
export function isFresh(product, stamp, print) {
  return existsSync(product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print;
}

export function writeStamp(stamp, print) {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, print);
}
