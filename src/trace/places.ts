/** Names of ends, frames and protocols as every outlet writes them. */
import type { Endpoint, Trace } from './model';

/** `10.0.0.1:5432`, `[::1]:5432`. */
export function endpointText(endpoint: Endpoint): string {
  const address = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  return `${address}:${endpoint.port}`;
}

/** `#4`, `#4, #6`, `#4–#9`; empty for none. */
export function framesText(frames: readonly number[]): string {
  if (frames.length === 0) return '';
  const first = frames[0];
  const last = frames[frames.length - 1];
  if (frames.length > 2 && last - first === frames.length - 1) return `#${first}–#${last}`;
  const shown = frames.slice(0, 6).map((frame) => `#${frame}`);
  return shown.join(', ') + (frames.length > 6 ? ' …' : '');
}

export function protocolName(protocol: Trace['protocol']): string {
  return protocol === 'postgres' ? 'PostgreSQL' : 'MongoDB';
}
