import { expect, it, vi } from 'vitest';
import type { HostSummary } from '../../../src/contract/values';
import type { HostList } from '../../../src/extension/host-list';
import { HostsView } from '../../../src/extension/hosts-view';

vi.mock('vscode', () => import('../../support/vscode'));

it('tells a screen reader where a host is, and what became of its test', () => {
  const view = new HostsView({} as HostList);
  const host: HostSummary = {
    id: 'host:Orders',
    name: 'Orders',
    protocol: 'postgres',
    kind: 'configured',
    address: '[::1]:5',
    last: null,
  };
  const label = (given: Partial<HostSummary>) =>
    view.getTreeItem({ ...host, ...given }).accessibilityInformation?.label;
  expect(label({})).toBe('Orders, PostgreSQL, [::1]:5, not tested');
  expect(label({ last: { outcome: 'ready', verdict: 'Connected.' } })).toBe(
    'Orders, PostgreSQL, [::1]:5, Connected.',
  );
  expect(label({ address: '' })).toBe('Orders, PostgreSQL, not running, not tested');
});
