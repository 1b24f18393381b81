import { type FileNameText, fileNameOf } from '../base/shown/outlets';
import type { SaveForm } from '../contract/values';

/**
 * The name that is offered for handshakes of a capture: `app.pcap.gz` gives `app-t3-redacted.pcapng`. Never the capture's own.
 *
 * @param id the one handshake that is saved; null when all are.
 */
export function savedName(capture: string, form: SaveForm, id: string | null): FileNameText {
  const stem = capture.replace(/\.(gz|zst|lz4)$/i, '').replace(/\.(pcapng|pcap|cap)$/i, '');
  return fileNameOf`${stem}-${id ?? 'handshakes'}${form === 'redacted' ? '-redacted' : ''}.pcapng`;
}

/** The name that is offered for a recording, in the form that is saved: the whole of its own name and an ending. */
export function recordingName(recording: string, form: SaveForm): FileNameText {
  const stem = recording.replace(/\.pcap$/, '');
  if (form === 'everything') return fileNameOf`${stem}.pcap`;
  return fileNameOf`${stem}${form === 'redacted' ? '-redacted' : ''}.pcapng`;
}
