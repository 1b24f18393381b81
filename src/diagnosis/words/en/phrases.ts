/** Parts of sentences that many causes share, in English. */
import type { CauseParams, NextStep } from '../../../trace/diagnosis';

/** What the peer said, DETAIL and HINT with it, in quotation marks; empty where it said nothing. */
export function quoted({ text, detail, hint }: CauseParams): string {
  const parts = [text, detail, hint].filter((part) => part !== undefined && part !== '').map(sentence);
  return parts.length === 0 ? '' : `“${parts.join(' ').replace(/\.$/, '')}”`;
}

/** An explanation with the words that it explains: `The role does not exist. The server said “…”.` */
export function explained(explanation: string, params: CauseParams): string {
  const words = quoted(params);
  return words === '' ? explanation : `${explanation} ${Speaker(params)} said ${words}.`;
}

/** Who answered, where that is known to be something else than PostgreSQL. */
export function speaker(params: CauseParams): string {
  return params.speaker === undefined ? 'the server' : `${params.speaker}`;
}

/** The same at the beginning of a sentence: names of programs keep their case. */
export function Speaker(params: CauseParams): string {
  return params.speaker === undefined ? 'The server' : `${params.speaker}`;
}

export function userName({ user }: CauseParams): string {
  return user === undefined ? 'the user' : `user "${user}"`;
}

export function databaseName({ database }: CauseParams): string {
  return database === undefined ? 'the database' : `database "${database}"`;
}

/** A name in SQL, quoted: a quotation mark in it is doubled. */
export function identifier(name: string | number): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}

/** The alert that was sent; null where there was none. */
export function alertSaid({ alert, from }: CauseParams): string | null {
  return alert === undefined ? null : `The ${from} sent the TLS alert ${alert}.`;
}

export function capital(words: string): string {
  return words === '' ? words : words[0].toUpperCase() + words.slice(1);
}

/** An option of the client's connection string to set. */
export function clientOption(name: string, value: string, text: string): NextStep {
  return { kind: 'client-option', text, option: { name, value } };
}

export function serverConfig(text: string, snippet?: string): NextStep {
  return snippet === undefined ? { kind: 'server-config', text } : { kind: 'server-config', text, snippet };
}

export function serverCommand(text: string, snippet: string): NextStep {
  return { kind: 'server-command', text, snippet };
}

export function network(text: string): NextStep {
  return { kind: 'network', text };
}

export function ask(text: string): NextStep {
  return { kind: 'ask', text };
}

export function capture(text: string): NextStep {
  return { kind: 'capture', text };
}

/** `TLS 1.3` for OpenSSL's `TLSv1.3`; other names stand as they are. */
export function tlsName(version: string | number): string {
  return `${version}`.replace(/^TLSv1$/, 'TLS 1.0').replace(/^TLSv/, 'TLS ');
}

/** Milliseconds or seconds, as people say them. */
export function duration(millis: string | number | undefined): string {
  const value = Number(millis);
  if (!Number.isFinite(value)) return 'some time';
  return value < 1000
    ? `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
    : `${(value / 1000).toFixed(1)} s`;
}

function sentence(words: string | number): string {
  return `${words}`.trim().replace(/([^.!?:)])$/, '$1.');
}
