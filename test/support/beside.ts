/** Captures of other origin, beside the checkout where there are any. They are not part of the project, and what needs them says so. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Recorded by other people, or rebuilt from what failed at theirs. */
const FOLDER = resolve(import.meta.dirname, '../../../shared');

export const besidePath = (name: string): string => resolve(FOLDER, name);

export const isBeside = (name: string): boolean => existsSync(besidePath(name));

/** For the name of a test that is skipped. */
export const notBeside = (name: string): string => `the folder ../shared/${name} is not there`;
