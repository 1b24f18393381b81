import type { CaptureView, ElementView, FrameView, MessageView, TlsView } from './view';

export type Subject = 'frame' | 'conversation' | 'tls' | 'message';

/** One thing on which the readers differ; null where one of them sees nothing. */
export interface Disagreement {
  readonly file: string;
  readonly subject: Subject;
  /** Where and what: `frame 5`, `stream 0`, `frame 7 ErrorResponse`. */
  readonly place: string;
  readonly theirs: string | null;
  readonly ours: string | null;
}

export function lineOf({ file, place, theirs, ours }: Disagreement): string {
  return `${file}, ${place}: Wireshark ${theirs ?? 'nothing'}, ours ${ours ?? 'nothing'}`;
}

export interface Comparison {
  readonly frames: number;
  readonly conversations: number;
  readonly sessions: number;
  readonly messages: number;
  /** Messages and sessions on which the readers agree in all that both say. */
  readonly equal: number;
  /** Single values of messages and sessions that were compared. */
  readonly values: number;
  /** Theirs after the end of a handshake, which ours leaves alone. */
  readonly beyond: number;
  readonly disagreements: readonly Disagreement[];
}

/** @param ends the last frame of each handshake that came to its end, by stream */
export function compare(
  file: string,
  theirs: CaptureView,
  ours: CaptureView,
  ends: ReadonlyMap<number, number>,
): Comparison {
  const disagreements: Disagreement[] = [];
  let values = 0;
  const check = (subject: Subject, place: string, theirs: string | null, ours: string | null): boolean => {
    values++;
    if (theirs !== ours) disagreements.push({ file, subject, place, theirs, ours });
    return theirs === ours;
  };
  const counted = { frames: 0, sessions: 0, messages: 0, equal: 0, beyond: 0 };

  for (const [a, b] of paired(theirs.frames, ours.frames, (each) => String(each.frame))) {
    counted.frames++;
    check('frame', `frame ${(a ?? b)?.frame}`, a ? frameText(a) : null, b ? frameText(b) : null);
    if (a && b) check('conversation', `frame ${a.frame}`, flowText(a), flowText(b));
  }

  for (const [a, b] of paired(theirs.sessions, ours.sessions, (each) => String(each.stream))) {
    counted.sessions++;
    const place = `stream ${(a ?? b)?.stream}`;
    if (!a || !b) {
      check('tls', place, a ? tlsText(a) : null, b ? tlsText(b) : null);
      continue;
    }
    const names = ['version', 'cipher', 'sni', 'alpn', 'content'] as const;
    const same = names.map((name) => check('tls', `${place} ${name}`, a[name], b[name]));
    if (same.every(Boolean)) counted.equal++;
  }

  const streams = new Map(theirs.frames.map((each) => [each.frame, each.stream]));
  const isBeyond = ({ frame }: MessageView) => frame > (ends.get(streams.get(frame) ?? -1) ?? Infinity);
  const within = theirs.messages.filter((each) => !isBeyond(each));
  counted.beyond = theirs.messages.length - within.length;
  for (const [a, b] of paired(within, ours.messages, (each) => `${each.frame} ${each.from} ${each.name}`)) {
    const { frame, name } = (a ?? b) as MessageView;
    const place = `frame ${frame} ${name}`;
    counted.messages++;
    if (!a || !b) {
      check('message', place, a ? a.values.join('; ') : null, b ? b.values.join('; ') : null);
      continue;
    }
    const before = disagreements.length;
    for (let i = 0; i < Math.max(a.values.length, b.values.length); i++) {
      check('message', place, a.values[i] ?? null, b.values[i] ?? null);
    }
    compareElements(a.documents ?? [], b.documents ?? [], (path, theirs, ours) =>
      check('message', `${place} ${path}`, theirs, ours),
    );
    if (disagreements.length === before) counted.equal++;
  }
  const conversations = new Set(theirs.frames.flatMap((each) => each.stream ?? [])).size;
  return { ...counted, conversations, values, disagreements };
}

/** Names always, values where both readers have them in words, the inside of documents where both show it. */
function compareElements(
  theirs: readonly ElementView[],
  ours: readonly ElementView[],
  check: (path: string, theirs: string | null, ours: string | null) => unknown,
  path = '',
): void {
  for (let i = 0; i < Math.max(theirs.length, ours.length); i++) {
    const [a, b] = [theirs[i], ours[i]];
    check(`${path}[${i}]`, a?.name ?? null, b?.name ?? null);
    if (!a || !b) continue;
    if (a.value !== undefined) check(`${path}${a.name}`, a.value, b.value ?? null);
    if (a.elements && b.elements) compareElements(a.elements, b.elements, check, `${path}${a.name}.`);
  }
}

/** Pairs what has the same key, in order; what has no counterpart stands alone. */
function paired<T>(
  theirs: readonly T[],
  ours: readonly T[],
  key: (each: T) => string,
): [T | undefined, T | undefined][] {
  const waiting = new Map<string, T[]>();
  for (const each of ours) {
    const list = waiting.get(key(each));
    if (list) list.push(each);
    else waiting.set(key(each), [each]);
  }
  const pairs = theirs.map((each): [T | undefined, T | undefined] => [each, waiting.get(key(each))?.shift()]);
  const alone = [...waiting.values()].flat().map((each): [T | undefined, T | undefined] => [undefined, each]);
  return [...pairs, ...alone];
}

function frameText({ time, captured, length }: FrameView): string {
  return `${time}, ${captured} of ${length} bytes`;
}

function flowText({ stream, from }: FrameView): string | null {
  return stream === null ? null : `stream ${stream} from ${from}`;
}

function tlsText({ version, cipher, sni, alpn }: TlsView): string {
  return `${version} ${cipher}, SNI ${sni}, ALPN ${alpn}`;
}
