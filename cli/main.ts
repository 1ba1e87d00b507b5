#!/usr/bin/env node
import { main } from './app.ts'

await main(process.argv.slice(2))
