import { reportMarkdown } from '../verify/assumptions/markdown.ts'
import { ownAssumptions } from '../verify/assumptions/own.ts'
import { inventoryReport } from '../verify/assumptions/report.ts'

/** What Quoin itself rests on, without its version: the page changes when the inventory does. */
export const assumptionsPage = (): string =>
  reportMarkdown(inventoryReport('Quoin', ownAssumptions())).replace(
    '\n\n',
    '\n\nWritten by `npm run docs` from the registries; `quoin assumptions` prints it, with `--format html` as a page that can be filtered.\n\n',
  )
