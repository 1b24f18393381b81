import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PORTS, MAX_PORT_RANGES, parsePorts, portsText } from '../../../src/contract/ports';

describe('ports of a recording', () => {
  it.each([
    [DEFAULT_PORTS, '5432, 27017'],
    ['5432,27017', '5432, 27017'],
    ['5432 27017;6000', '5432, 27017, 6000'],
    [' 6000 - 6010 , 1 ', '6000-6010, 1'],
    ['5432, 5432, 5432-5432', '5432'],
    ['1-65535', '1-65535'],
  ])('reads %j', (text, expected) => {
    const { ranges, error } = parsePorts(text);
    expect(error).toBeNull();
    expect(portsText(ranges)).toBe(expected);
  });

  it.each([
    ['', /at least one/],
    [' , ', /at least one/],
    ['postgres', /"postgres" is not a port/],
    ['5432 or 1', /"or" is not a port/],
    ['-5', /"-5" is not a port/],
    ['5432.5', /not a port/],
    ['0', /out of range/],
    ['65536', /out of range/],
    ['70-5', /write 5-70/],
    [Array.from({ length: MAX_PORT_RANGES + 1 }, (_, i) => i + 1).join(','), /At most/],
    ['1,'.repeat(1000), /too long/],
  ])('refuses %j in words', (text, words) => {
    const { ranges, error } = parsePorts(text);
    expect(error).toMatch(words);
    expect(ranges).toEqual([]);
  });

  it('lets nothing but numbers through, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { ranges, error } = parsePorts(text);
        expect(error === null).toBe(ranges.length > 0);
        for (const { first, last } of ranges)
          expect(first >= 1 && first <= last && last <= 65_535).toBe(true);
        if (error === null) expect(parsePorts(portsText(ranges)).ranges).toEqual(ranges);
      }),
    );
  });
});
