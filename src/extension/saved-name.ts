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
