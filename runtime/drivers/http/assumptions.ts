import type { Assumption } from '../../assumption.ts'
import { packageOf, part } from '../depends.ts'

const dependsOn = [packageOf('undici', '^8.12.4'), part('the service that is bound')]

export const assumptions: readonly Assumption[] = [
  {
    id: 'http.reads-only-read',
    kind: 'external',
    statement:
      'GET and HEAD change nothing that a request of the graph could see, and equal ones in one run have equal answers.',
    dependsOn,
    supports: ['MergedReadsAgree', 'ConflictsAreOrdered'],
    failureMode: 'Two reads become one, or one that nobody looks at is left out, although the service counted them.',
    mitigation: 'Declare writes for a GET that changes something: it is then kept, in order, and sent once.',
    probe: { by: 'driver' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'http.footprint',
    kind: 'isolation',
    statement:
      'A write changes no answers but those of the paths it declares, and a read depends on the paths it declares.',
    dependsOn,
    supports: ['FootprintsCover'],
    failureMode: 'A read may be moved across a write whose effect it should have seen.',
    mitigation:
      'Undeclared writes conflict with the whole service; other services and databases behind it have to be declared.',
    probe: { by: 'none', reason: 'what a path of a service changes cannot be seen from outside' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'http.idempotent',
    kind: 'external',
    statement: 'PUT, DELETE and what is declared idempotent (by a key, or by word) can be sent twice and happen once.',
    dependsOn,
    supports: ['WritesHappenOnce'],
    failureMode: 'After a lost connection something is done twice.',
    mitigation:
      'POST and PATCH are sent once unless a key is given; a write whose end is unknown says so (outcome: unknown).',
    probe: { by: 'none', reason: 'trying it would do something to the service' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'http.bulk-is-single',
    kind: 'driver',
    statement:
      'The bulk endpoint of a lookup gives each key the item that its own URL gives, and none where that is 404 or 410.',
    dependsOn,
    restsOn: ['http.reads-only-read'],
    supports: ['BatchAnswersAsMembers'],
    failureMode: 'Some keys get another answer in a batch than alone, without an error.',
    mitigation:
      'Keys with several or undecodable items, and all keys after a failed batch, are asked one by one; batch: false keeps a lookup out.',
    probe: { by: 'test', file: 'test/drivers/http.test.ts' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'http.credentials',
    kind: 'isolation',
    statement: 'The credentials that are bound to an authority belong to it, and the service keeps authorities apart.',
    dependsOn,
    supports: ['AuthorityIsKept'],
    failureMode: 'A request sees or changes what belongs to another.',
    mitigation:
      'Credentials are named in graphs and held by the driver; redirects never leave the base; authorities are never batched together.',
    probe: { by: 'driver' },
    expiry: { after: '2027-12-31' },
  },
]
