import { message } from '../base/shown/outlets';
import type { Protocol } from '../trace/model';
import { askText, type Pick, pickOne } from './say/questions';
import { writeDecodeAs } from './settings';

interface ProtocolPick extends Pick {
  readonly protocol: Protocol | null;
}

const PROTOCOLS: readonly ProtocolPick[] = [
  { protocol: 'postgres', label: message`PostgreSQL` },
  { protocol: 'mongodb', label: message`MongoDB` },
  { protocol: null, label: message`By content`, description: message`as it is without this setting` },
];

/** Asks for a port and for what is spoken on it, and keeps both in the settings; open captures are then read again. */
export async function decodePortAs(): Promise<void> {
  const text = await askText({
    title: message`Decode Port as…`,
    prompt: message`TCP port of the server, where its bytes do not say what it speaks: inside TLS, or when nothing answered.`,
    check: (value) =>
      portOf(value) === null ? message`A port is a whole number from 1 to 65535.` : undefined,
  });
  const port = text === undefined ? null : portOf(text);
  if (port === null) return;
  const chosen = await pickOne(PROTOCOLS, {
    title: message`Decode Port ${port} as…`,
    placeHolder: message`What is spoken there?`,
  });
  if (chosen) await writeDecodeAs(port, chosen.protocol);
}

function portOf(text: string): number | null {
  const port = Number(text.trim());
  return /^\d{1,5}$/.test(text.trim()) && port >= 1 && port <= 65_535 ? port : null;
}
