/** A program of its own: the npm package, given the file as its documentation does. */
import { createReadStream } from 'node:fs';
import { parse } from 'pcap-parser';

let packets = 0;
const parser = parse(createReadStream(process.argv[2]));
parser.on('packet', () => {
  packets++;
});
parser.on('end', () => {
  process.stdout.write(`${packets}\n`);
});
parser.on('error', (error) => {
  throw error;
});
