import { type Issue, issue } from '../base/issue';
import { emptyView, type PacketSink, type PacketView } from './packet';

/** One file format. It is handed contiguous bytes and consumes whole records; the reader keeps what is left over. */
export interface RecordParser {
  /** Bytes wanted from the position {@link parse} returned before calling it again can make progress. */
  readonly need: number;
  /** Set when nothing more can be read; the rest of the file is ignored. */
  readonly stopped: boolean;
  /**
   * Reads records from `buffer[start, end)`.
   *
   * @param fileOffset offset in the file of `buffer[start]`.
   * @param final no more bytes will come: a record that does not fit is cut.
   * @returns the position of the first byte not consumed, at most `end`.
   */
  parse(buffer: Uint8Array, start: number, end: number, fileOffset: number, final: boolean): number;
}

/** Issues kept of one capture: a damaged file can hold one per record. */
export const MAX_ISSUES = 100;

/** What the parser of a file writes to: the sink, the counters and the list of issues. */
export class CaptureOutput {
  readonly issues: Issue[] = [];
  readonly linkTypes: number[] = [];
  /** Packets delivered. */
  packets = 0;
  /** Records that Wireshark gives a frame number, packets or not. */
  frames = 0;
  /** Set when not even the file's header could be read. */
  unreadable = false;
  /** The one view that every packet is shown through. */
  readonly view: PacketView = emptyView();
  readonly sink: PacketSink;

  constructor(sink: PacketSink) {
    this.sink = sink;
  }

  /** Records an issue; past {@link MAX_ISSUES} one last entry says that there are more. */
  report(code: string, message: string, offset?: number): void {
    if (this.issues.length > MAX_ISSUES) return;
    const entry =
      this.issues.length === MAX_ISSUES
        ? issue('CAPTURE_MORE_ISSUES', `More than ${MAX_ISSUES} issues; the rest are not listed.`)
        : issue(code, message, offset);
    this.issues.push(entry);
    this.sink.handleIssue?.(entry);
  }

  addLinkType(linkType: number): void {
    if (!this.linkTypes.includes(linkType)) this.linkTypes.push(linkType);
  }
}
