import type { Duty } from '../duty.ts'
import { duty } from '../duty.ts'

/** What is owed for assumptions; the registry of them decides how many. */
export const inventoryDuties = (): readonly Duty[] => [
  duty(
    'inventory/complete',
    'what the sources rest on is declared, and nothing declared is unused, dangling or expired',
    { from: 'nowhere', why: 'there is no registry of assumptions yet' },
    { rows: [11], checklist: ['inventory', 'unsafe'] },
  ),
  duty(
    'inventory/probes',
    'assumptions are programs: broken on purpose, each shows its declared failure',
    { from: 'nowhere', why: 'there is no registry of assumptions yet' },
    { rows: [13], checklist: ['inventory'] },
  ),
]
