#!/usr/bin/env node
/**
 * `skein`: the command line in one piece, which starts in half the time that its modules take; module by module where
 * it may load roles of one's own, since those import skein and would bring a second one into the process.
 */
import { existsSync } from 'node:fs'
import { CONFIG_NAMES } from './input/config-names.ts'

const MODULES = './command-line.js'
const IN_ONE_PIECE = '../command-line/command-line.js'

/** These take roles by their files, whose names may go without an ending. */
const TAKING_ROLES = ['peer', 'prompts', 'ask']

/** A config names modules, and so may an argument; a role in Markdown may have modules of its protocols. */
const mayLoadModules = ([command = '', ...args]: readonly string[]): boolean =>
  CONFIG_NAMES.some((name) => existsSync(name)) ||
  args.some((arg) => /^--config(=|$)/.test(arg) || /\.([cm]?[jt]s|md)$/.test(arg)) ||
  (TAKING_ROLES.includes(command) && args.some((arg) => /[/\\]/.test(arg)))

await import(new URL(mayLoadModules(process.argv.slice(2)) ? MODULES : IN_ONE_PIECE, import.meta.url).href)
