/** Made-up captures of every kind, for redaction: each knows the values that are in it and where. */
import { capture, WRAPPINGS } from './layers';
import { MONGODB_COMMANDS, MONGODB_MECHANISMS, mongoLogin } from './mongodb-talk';
import { Planter, type Talk } from './planter';
import { POSTGRES_ENDS, POSTGRES_METHODS, POSTGRES_ODD, postgresLogin } from './postgres-talk';
import { tlsInTheClear, tlsSealed } from './tls-talk';

export interface PlantedCapture {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly keyLog: string;
  /** Value to place. */
  readonly places: ReadonlyMap<string, string>;
}

const POSTGRES = 5432;
const MONGODB = 27_017;

interface Kind {
  readonly name: string;
  readonly port: number;
  readonly talk: (p: Planter) => Talk;
}

const KINDS: readonly Kind[] = [
  ...POSTGRES_METHODS.flatMap((method) =>
    POSTGRES_ENDS.map((end) => ({
      name: `PostgreSQL, ${method}, ${end}`,
      port: POSTGRES,
      talk: (p: Planter) => postgresLogin(p, method, end),
    })),
  ),
  ...Object.entries(POSTGRES_ODD).map(([name, talk]) => ({
    name: `PostgreSQL, ${name}`,
    port: POSTGRES,
    talk,
  })),
  ...MONGODB_MECHANISMS.map((name) => ({
    name: `MongoDB, ${name}`,
    port: MONGODB,
    talk: (p: Planter) => mongoLogin(p, name),
  })),
  ...Object.entries(MONGODB_COMMANDS).map(([name, talk]) => ({
    name: `MongoDB, ${name}`,
    port: MONGODB,
    talk,
  })),
  { name: 'TLS in the clear', port: MONGODB, talk: tlsInTheClear },
  { name: 'direct TLS in the clear', port: POSTGRES, talk: tlsInTheClear },
];

/** How many kinds there are without and within TLS: so many runs have each once. */
export const KIND_COUNT = 2 * KINDS.length;

/** The capture of a run: its number says which kind it is, and seeds the rest. */
export function plantedCapture(run: number): PlantedCapture {
  const p = new Planter(run);
  const kind = KINDS[run % KINDS.length];
  const sealed = Math.floor(run / KINDS.length) % 2 === 1 && !kind.name.includes('TLS');
  const names = Object.keys(WRAPPINGS);
  const wrapping = names[run % names.length];
  let talk = kind.talk(p);
  let keyLog = '';
  if (sealed) ({ talk, keyLog } = tlsSealed(p, talk, kind.port === POSTGRES));
  const bytes = capture(p, talk, WRAPPINGS[wrapping], { server: kind.port, ipv6: p.pick(3) === 0 });
  return {
    name: `${kind.name}${sealed ? ', inside TLS' : ''}, ${wrapping}`,
    bytes,
    keyLog,
    places: p.places,
  };
}
