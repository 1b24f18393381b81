/** Exit statuses of the command line. */
export const EXIT = {
  /** Decoded, or connected. */
  ok: 0,
  /** Decoded with damage (what was readable is printed), or not connected. */
  partial: 1,
  /** Not a capture, unreadable, or unusable arguments. */
  unusable: 2,
} as const;
