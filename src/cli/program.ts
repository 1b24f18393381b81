import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../../package.json';
import { maskShapes } from '../base/secret-shapes';
import { line } from '../base/shown/outlets';
import { DEFAULT_PORTS } from '../contract/ports';
import { argumentsAsPaths } from '../files/path-bytes';
import { type DecodeAs, parseDecodeAs } from '../inspect/known-servers';
import { EXIT } from './exit';
import { DECODE_FORMATS, JSON_VERSIONS } from './formats';
import { terminalIsGone } from './signals';
import { complain, onPrintError, writeLines } from './terminal';

/** The arguments of `handshake-inspector`: the same machines as the extension, for terminals and CI. */
function program(): Command {
  const root = new Command('handshake-inspector')
    .description(manifest.description)
    .version(manifest.version)
    .exitOverride()
    // It quotes arguments.
    .configureOutput({
      writeOut: (text) => writeLines('stdout', text),
      writeErr: (text) => writeLines('stderr', text),
    })
    .configureHelp({ sortSubcommands: true })
    .showSuggestionAfterError();

  root
    .command('decode')
    .description(
      'show the PostgreSQL and MongoDB handshakes of captures (.pcap, .pcapng, also compressed with gzip, zstd or lz4)',
    )
    .argument('<file...>', 'capture files, or folders of them')
    .option('--keylog <file>', 'TLS key log (SSLKEYLOGFILE form) to look inside TLS with')
    .addOption(decodeAsOption())
    .addOption(new Option('--format <format>', 'what to print').choices([...DECODE_FORMATS]).default('text'))
    .addOption(jsonVersion())
    .option('--save <file>', 'copy the packets of the handshakes, with their TLS secrets, to a pcapng file')
    .option(
      '--redact',
      'with --save: without passwords, proofs and names, up to the end of each handshake',
      false,
    )
    .option(
      '--redact-addresses',
      'with --redact: IP addresses become others, the same for the same one, and those of network cards are blanked',
      false,
    )
    .option('--trace <ids>', 'with --save: only these, such as t1,t3', traceIds)
    .option('--unpacked-limit <megabytes>', 'most that a compressed capture is unpacked to', unpacked, 20_000)
    .option('--jobs <number>', 'most threads to decode several files with', jobs)
    .option('--reveal', 'show passwords, proofs, keys and nonces instead of masking them', false)
    .option('--check-password', 'tell whether the logins used the password that is asked for', false)
    .addHelpText(
      'after',
      '\nExit status: 0 decoded, 1 decoded with damage, 2 not a capture or unreadable.' +
        '\nWith --check-password the password is asked for on a terminal, or comes from PGPASSWORD, and is not kept; 0 it is right, 1 wrong, 2 no login to check.',
    )
    .action(async (files: string[], options, command: Command) => {
      if (options.trace && options.save === undefined) command.error('error: --trace goes with --save FILE');
      if (options.checkPassword) {
        if (options.save !== undefined)
          command.error('error: --check-password saves nothing: leave --save out');
        const { checkPasswords } = await import('./check-password');
        process.exitCode = await checkPasswords(files, options);
        return;
      }
      const { decode } = await import('./decode');
      process.exitCode = await decode(files, { ...options, version: manifest.version });
    });

  root
    .command('connect')
    .description('test a connection and show every step of it')
    .argument('<uri>', 'postgresql://… or mongodb://…, best without a password')
    .option('--sslmode <mode>', 'PostgreSQL: disable, allow, prefer, require, verify-ca or verify-full')
    .option('--sslrootcert <file>', 'PostgreSQL: certificate authorities to trust, PEM')
    .option('--tls-ca-file <file>', 'MongoDB: certificate authorities to trust, PEM')
    .option(
      '--auth-mechanism <name>',
      'MongoDB: SCRAM-SHA-256, SCRAM-SHA-1, MONGODB-CR, MONGODB-X509 or PLAIN',
    )
    .option('--timeout <seconds>', 'longest wait at any one step', seconds, 10)
    .option('--matrix', 'PostgreSQL: try every sslmode and direct TLS, and show a table', false)
    .option('--save <file>', 'write what crossed the wire, with its TLS secrets, as a pcapng file')
    .addOption(formatOption())
    // What --matrix prints has a version of its own.
    .addOption(jsonVersion().conflicts('matrix'))
    .option('--reveal', 'show passwords, proofs, keys and nonces instead of masking them', false)
    .addHelpText(
      'after',
      '\nLeave the password out of the URI: it is asked for on a terminal when the server wants one, or comes from a file' +
        '\n(PostgreSQL: .pgpass, PGPASSFILE) or a variable (PGPASSWORD, MONGODB_PASSWORD). What is on a command line is in the' +
        "\nshell's history, and other users of the machine can see it. In a URI, percent-encode the password: @ as %40, / as %2F." +
        '\nFor PostgreSQL, PG… variables, pg_service.conf and .pgpass count as they do for libpq.' +
        '\nExit status: 0 connected, 1 not connected, 2 unusable arguments.',
    )
    .action(async (uri: string, options) => {
      const { connect } = await import('./connect');
      process.exitCode = await connect(uri, options);
    });

  root
    .command('record')
    .description('record on a network interface with dumpcap or tcpdump, and show each handshake as it ends')
    .option('--interface <name>', 'interface to record; all of them, or loopback, if not given')
    .option('--ports <list>', 'TCP ports and ranges to record, such as 5432,6000-6010', DEFAULT_PORTS)
    .option('--for <duration>', 'end after this time, such as 30s, 5m or 1h', duration)
    .option(
      '--save <file>',
      'keep the packets of the handshakes as pcapng, or with the ending .pcap all that was recorded',
    )
    .option('--limit <megabytes>', 'end at this size', megabytes, 100)
    .option('--keylog <file>', 'TLS key log to follow while recording')
    .addOption(decodeAsOption())
    .addOption(new Option('--format <format>', 'what to print').choices(['text', 'ndjson']).default('text'))
    .addOption(jsonVersion())
    .option('--reveal', 'show passwords, proofs, keys and nonces instead of masking them', false)
    .option('--list', 'show the interfaces', false)
    .addHelpText(
      'after',
      '\nCtrl-C, SIGTERM or SIGHUP ends it. Exit status: 0 recorded, 1 the program ended by itself, 2 nothing could be recorded.',
    )
    .action(async (options) => {
      const { listRecordable, record } = await import('./record');
      process.exitCode = options.list ? await listRecordable() : await record(options);
    });

  root
    .command('lab')
    .description('run a server that answers as PostgreSQL, or as mongos with its mongod, on loopback')
    .argument('[server]', 'postgres or mongodb', oneOf('postgres', 'mongodb'))
    .option('--port <number>', 'port to listen on; 0 takes a free one', port, 0)
    .option('--fault <name>', 'PostgreSQL: misbehave in one way, on purpose')
    .option('--hba <file>', 'PostgreSQL: a pg_hba.conf to follow')
    .option(
      '--certificates <folder>',
      'PostgreSQL: write the root certificate, and client certificates of the accounts',
    )
    .option('--max-connections <number>', 'refuse more at once, in the words of the server', connections, 100)
    .option('--silent-timeout <seconds>', 'close on a client that says nothing for so long', seconds, 10)
    .option('--list-faults', 'show the faults and what each does', false)
    .addOption(formatOption())
    .action(async (server: 'postgres' | 'mongodb' | undefined, options, command: Command) => {
      const { lab, listFaults } = await import('./lab');
      if (options.listFaults) process.exitCode = await listFaults();
      else if (server) process.exitCode = await lab(server, options);
      else command.error("error: missing required argument 'server': it is postgres or mongodb");
    });

  return root;
}

function formatOption(): Option {
  return new Option('--format <format>', 'what to print').choices(['text', 'json']).default('text');
}

function decodeAsOption(): Option {
  return new Option(
    '--decode-as <port=protocol>',
    'take what a server on this port speaks for postgres or mongodb where its bytes do not say; may be repeated',
  ).argParser(decodeAs);
}

function jsonVersion(): Option {
  return new Option(
    '--json-version <version>',
    'form of json and ndjson: 2 has causes, 1 is as it was before them',
  )
    .choices([...JSON_VERSIONS])
    .default('2');
}

function oneOf(...allowed: string[]): (value: string) => string {
  return (value) => {
    if (allowed.includes(value)) return value;
    throw new InvalidArgumentError(`It is one of: ${allowed.join(', ')}.`);
  };
}

function traceIds(value: string): string[] {
  return value
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

function port(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

function duration(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(value);
  const milliseconds = Number(match?.[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's']!;
  if (milliseconds >= 1 && milliseconds <= 24 * 3_600_000) return milliseconds;
  throw new InvalidArgumentError('A duration is a number with s, m or h, at most 24h.');
}

function megabytes(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0 && number <= 100_000) return number;
  throw new InvalidArgumentError('A size is a number of megabytes above 0.');
}

/** @param before what the option gave before: it may be repeated, or hold several with commas. */
function decodeAs(value: string, before: DecodeAs = new Map()): DecodeAs {
  const told = [...before].map(([port, protocol]) => `${port}=${protocol}`);
  const ports = parseDecodeAs([...told, ...value.split(',')]);
  if (typeof ports === 'string') throw new InvalidArgumentError(ports);
  return ports;
}

function jobs(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('A number of threads is a whole number above 0.');
}

function unpacked(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0 && number <= 1e9) return number;
  throw new InvalidArgumentError('A size is a number of megabytes above 0.');
}

function connections(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw new InvalidArgumentError('A number of connections is a whole number from 1 to 10000.');
}

function seconds(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0 && number <= 3600) return number;
  throw new InvalidArgumentError('A time-out is a number of seconds above 0 and at most 3600.');
}

/** Runs the command that the arguments name. */
export async function run(): Promise<void> {
  onPrintError((error) => {
    if (error.code === 'EIO' && terminalIsGone()) return;
    // A reader such as `head` may close the pipe early: that is no error of ours.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    complain(line`what was decoded could not be printed: ${error.message}`);
    process.exit(EXIT.unusable);
  });
  try {
    await program().parseAsync(argumentsAsPaths());
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.unusable;
      return;
    }
    complain(line(maskShapes(error instanceof Error ? error.message : String(error))));
    process.exitCode = EXIT.unusable;
  }
}
