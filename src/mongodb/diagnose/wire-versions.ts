/** Which servers a driver still takes, and what a wire version is called. */

/** The first server version of each wire version (mongod `wire_version.h`). */
const SERVERS: ReadonlyMap<number, string> = new Map([
  [0, '2.4'],
  [2, '2.6'],
  [3, '3.0'],
  [4, '3.2'],
  [5, '3.4'],
  [6, '3.6'],
  [7, '4.0'],
  [8, '4.2'],
  [9, '4.4'],
  [13, '5.0'],
  [14, '5.1'],
  [15, '5.2'],
  [16, '5.3'],
  [17, '6.0'],
  [18, '6.1'],
  [19, '6.2'],
  [20, '6.3'],
  [21, '7.0'],
  [22, '7.1'],
  [23, '7.2'],
  [24, '7.3'],
  [25, '8.0'],
  [26, '8.1'],
  [27, '8.2'],
]);

/** Wire versions at which logins changed. */
export const WIRE = {
  /** Server 3.0 stores SCRAM-SHA-1 credentials, and none for MONGODB-CR. */
  scram: 3,
  /** Server 4.0 has SCRAM-SHA-256, lists the mechanisms of a user in hello, and has no MONGODB-CR. */
  scramSha256: 7,
  /** The lowest that the drivers of today take: server 4.2. */
  current: 8,
} as const;

/** `3.6` for 6; the newest known before it for a version in between. */
export function serverOfWire(version: number): string {
  let best = '2.4';
  for (const [wire, server] of SERVERS) if (wire <= version) best = server;
  return best;
}

/** From this version of the driver on, servers below this wire version are refused. Newest first. */
type Floor = readonly [driver: string, wire: number];

/** By the driver's own name in its metadata, in lower case; after the releases notes of each ("minimum wire version"). */
const FLOORS: ReadonlyMap<string, readonly Floor[]> = new Map([
  [
    'nodejs',
    [
      ['7.0', 8],
      ['6.10', 7],
      ['4.2', 6],
    ],
  ],
  [
    'pymongo',
    [
      ['4.14', 8],
      ['4.11', 7],
      ['4.0', 6],
    ],
  ],
  [
    'mongo-go-driver',
    [
      ['2.4', 8],
      ['2.2', 7],
      ['1.11', 6],
    ],
  ],
  [
    'mongo-java-driver',
    [
      ['5.5', 8],
      ['5.2', 7],
      ['4.8', 6],
    ],
  ],
  [
    'mongo-csharp-driver',
    [
      ['3.5', 8],
      ['3.0', 7],
      ['2.15', 6],
    ],
  ],
  [
    'mongo-rust-driver',
    [
      ['3.1', 7],
      ['2.0', 6],
    ],
  ],
  [
    'mongoc',
    [
      ['2.1', 8],
      ['1.28', 7],
      ['1.20', 6],
    ],
  ],
  ['mongo-ruby-driver', [['2.18', 6]]],
]);

/**
 * The lowest wire version that a driver takes; `undefined` where it is not known. Wrappers add their name after a bar or a slash, and what
 * is in front is the driver: `PyMongo|c`, `mongoc / ext-mongodb:PHP`.
 */
export function lowestWireVersion(driver: string, version: string): number | undefined {
  const name = driver.split(/[|/]/, 1)[0].trim().toLowerCase();
  const floors = FLOORS.get(name);
  const numbers = versionNumbers(version);
  if (!floors || !numbers) return undefined;
  return floors.find(([since]) => isAtLeast(numbers, versionNumbers(since) ?? [0, 0]))?.[1];
}

type Version = readonly [major: number, minor: number];

function versionNumbers(text: string): Version | undefined {
  const found = /^\s*v?(\d{1,4})(?:\.(\d{1,4}))?/.exec(text);
  return found ? [Number(found[1]), Number(found[2] ?? 0)] : undefined;
}

function isAtLeast([major, minor]: Version, [wantedMajor, wantedMinor]: Version): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
