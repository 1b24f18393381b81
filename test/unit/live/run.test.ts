import { describe, expect, it } from 'vitest';
import { Run } from '../../../src/live/run';

describe('what no application gets past', () => {
  it('is one sentence, and a second one is added to it', () => {
    const run = new Run({ timeoutMs: 1 }, 'Password', () => undefined);
    run.fail('MEMBERS_NOT_REACHABLE', { names: 'db1:27017', lost: 1, members: 1 });
    run.fail('NO_PRIMARY', {});
    expect(run.unfit).toMatchObject({ code: 'MEMBERS_NOT_REACHABLE', from: 'server' });
    expect(run.remarks).toMatch(/^ The login worked, but readPreference is primary/);
  });
});
