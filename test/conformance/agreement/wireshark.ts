/** A capture as Wireshark sees it, from `tshark -T json`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { alertName, handshakeName, suiteName } from '../../../src/tls/names';
import { type CaptureView, contentOf, type FrameView, type MessageView, type TlsView } from './view';
import { mongoMessages } from './wireshark-mongo';
import { postgresMessages } from './wireshark-postgres';

/** A layer of the JSON form: strings, layers and lists of both. */
export type Json = string | null | undefined | Json[] | { readonly [name: string]: Json };
export type Layer = { readonly [name: string]: Json };

export interface WiresharkOptions {
  readonly keyLogFile?: string;
  /** Values of `-d`. */
  readonly decodeAs: readonly string[];
}

const LAYERS = 'frame ip ipv6 tcp tls pgsql mongo';

export async function wiresharkView(file: string, options: WiresharkOptions): Promise<CaptureView> {
  const args = ['-T', 'json', '--no-duplicate-keys', '-J', LAYERS];
  const packets = JSON.parse(await tshark(file, options, args)) as {
    _source: { layers: Record<string, Json> };
  }[];
  const frames: FrameView[] = [];
  const messages: MessageView[] = [];
  const sessions = new Map<number, TlsView>();
  for (const { _source } of packets) {
    const { layers } = _source;
    const frame = frameOf(layers);
    if (frame === undefined) continue;
    frames.push(frame);
    if (frame.stream === null || frame.from === null) continue;
    const place = { frame: frame.frame, from: frame.from };
    messages.push(...tlsMessages(layers.tls).map((message) => ({ ...place, ...message })));
    messages.push(...layersOf(layers.pgsql).flatMap((layer) => postgresMessages(layer, place)));
    messages.push(...layersOf(layers.mongo).flatMap((layer) => mongoMessages(layer, place)));
    for (const hello of handshakes(layers.tls)) {
      const known = sessions.get(frame.stream) ?? noTls(frame.stream);
      sessions.set(frame.stream, { ...known, ...factsOf(hello) });
    }
  }
  return { frames, messages, sessions: [...sessions.values()] };
}

/** The decrypted bytes of one TCP connection, in the form of `TlsView.content`. */
export async function followTls(file: string, options: WiresharkOptions, stream: number): Promise<string> {
  const output = await tshark(file, options, ['-q', '-z', `follow,tls,raw,${stream}`]);
  const lines = output.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const side = (second: boolean) => lines.filter((line) => line.startsWith('\t') === second);
  return contentOf(
    side(false).join(''),
    side(true)
      .map((line) => line.trim())
      .join(''),
  );
}

async function tshark(file: string, options: WiresharkOptions, args: readonly string[]): Promise<string> {
  const keys = options.keyLogFile === undefined ? [] : ['-o', `tls.keylog_file:${options.keyLogFile}`];
  const decodeAs = options.decodeAs.flatMap((each) => ['-d', each]);
  const whole = ['-n', '-r', file, '-o', 'tcp.reassemble_out_of_order:TRUE', ...keys, ...decodeAs, ...args];
  // A damaged file ends it with status 2, after what it could read.
  const { stdout } = await promisify(execFile)('tshark', whole, { maxBuffer: 1 << 28 }).catch(
    (error: { code?: unknown; stdout?: string }) => {
      if (error.code !== 2 || !error.stdout) throw error;
      return { stdout: error.stdout };
    },
  );
  return stdout;
}

/** Undefined for a block without a packet, which Wireshark numbers too. */
function frameOf(layers: Record<string, Json>): FrameView | undefined {
  const frame = layerOf(layers.frame);
  if (frame['frame.encap_type'] === undefined) return undefined;
  const tcp = layerOf(layers.tcp);
  const stream = text(tcp['tcp.stream']);
  const ip = layerOf(layers.ip);
  const address = text(ip['ip.src']) ?? text(layerOf(layers.ipv6)['ipv6.src']);
  return {
    frame: Number(frame['frame.number']),
    time: text(frame['frame.time_epoch']) ?? '0.000000000',
    captured: Number(frame['frame.cap_len']),
    length: Number(frame['frame.len']),
    stream: stream === undefined ? null : Number(stream),
    from: stream === undefined ? null : `${address}:${text(tcp['tcp.srcport'])}`,
  };
}

function noTls(stream: number): TlsView {
  return { stream, version: null, cipher: null, sni: null, alpn: null, content: null };
}

const VERSIONS: Readonly<Record<string, string>> = {
  '0x0300': 'SSLv3',
  '0x0301': 'TLSv1',
  '0x0302': 'TLSv1.1',
  '0x0303': 'TLSv1.2',
  '0x0304': 'TLSv1.3',
};

/** Handshake messages at any depth: a layer has records, a record has one message or a list. */
function handshakes(json: Json): Layer[] {
  if (Array.isArray(json)) return json.flatMap(handshakes);
  if (json === null || typeof json !== 'object') return [];
  if (json['tls.handshake.type'] !== undefined) return [json];
  return Object.values(json).flatMap(handshakes);
}

/** Handshake messages that it could read, and alerts. */
function tlsMessages(json: Json): Pick<MessageView, 'name' | 'values'>[] {
  if (Array.isArray(json)) return json.flatMap(tlsMessages);
  if (!isLayer(json)) return [];
  const type = text(json['tls.handshake.type']);
  if (type !== undefined) {
    const length = Number(text(json['tls.handshake.length'])) + 4;
    return [{ name: handshakeName(Number(type)), values: [`length=${length}`] }];
  }
  const level = text(json['tls.alert_message.level']);
  if (level !== undefined) {
    const description = alertName(Number(text(json['tls.alert_message.desc'])));
    return [{ name: 'Alert', values: [`${level === '2' ? 'fatal' : 'warning'} ${description}`] }];
  }
  return Object.values(json).flatMap(tlsMessages);
}

function factsOf(message: Layer): Partial<TlsView> {
  const type = message['tls.handshake.type'];
  const extensions = Object.entries(message)
    .filter(([name]) => /^Extension: /.test(name))
    .flatMap(([, extension]) => layersOf(extension));
  const value = (name: string) => extensions.flatMap((each) => deep(each, name)).at(0);
  if (type === '1') {
    const sni = value('tls.handshake.extensions_server_name');
    return sni === undefined ? {} : { sni };
  }
  const alpn = value('tls.handshake.extensions_alpn_str');
  const chosen = alpn === undefined ? {} : { alpn };
  if (type !== '2') return type === '8' ? chosen : {};
  const number =
    value('tls.handshake.extensions.supported_version') ?? text(message['tls.handshake.version']) ?? '';
  return {
    ...chosen,
    version: VERSIONS[number] ?? number,
    cipher: suiteName(Number(text(message['tls.handshake.ciphersuite']))),
  };
}

/** Every value of this name at any depth. */
function deep(json: Json, name: string): string[] {
  if (Array.isArray(json)) return json.flatMap((each) => deep(each, name));
  if (json === null || typeof json !== 'object') return [];
  return Object.entries(json).flatMap(([key, value]) =>
    key === name && !isLayer(value) ? texts(value) : deep(value, name),
  );
}

function isLayer(json: Json): json is Layer {
  return json !== null && typeof json === 'object' && !Array.isArray(json);
}

/** One layer, or the layers of a list. */
export function layersOf(json: Json): Layer[] {
  return (Array.isArray(json) ? json : [json]).filter(isLayer);
}

/** The last of them: of an IP packet in an IP packet the inner one. */
export function layerOf(json: Json): Layer {
  return layersOf(json).at(-1) ?? {};
}

export function texts(json: Json): string[] {
  return (Array.isArray(json) ? json : [json]).filter((each) => typeof each === 'string');
}

export function text(json: Json): string | undefined {
  return texts(json).at(-1);
}
