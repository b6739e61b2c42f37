/** `skein doctor`: what works here, what does not, and what to do. It changes nothing. */
import { collectorCheck } from '../src/flock/checks/collector.ts'
import { type Finding, guarded } from '../src/flock/checks/finding.ts'
import { modelCheck } from '../src/flock/checks/model.ts'
import { natsCheck } from '../src/flock/checks/nats.ts'
import { nodeCheck } from '../src/flock/checks/node.ts'
import { sandboxCheck } from '../src/flock/checks/sandbox.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { commonOptions, modelOption, readSettings, sandboxOption } from './input/settings.ts'
import { type Screen, type Style, screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    sandboxOption(modelOption(commonOptions(yargs))).option('json', {
      type: 'boolean',
      describe: 'print a JSON array of what was found',
    }),
  async (given) => {
    const settings = await readSettings(given)
    const { env, config } = settings
    const clock = systemClock()
    const out = screen(process.stdout)
    const checks = [
      guarded('Node', nodeCheck()),
      guarded('NATS', natsCheck(settings)),
      guarded('model', modelCheck({ env, clock, model: given.model ?? config.model })),
      guarded('sandbox', sandboxCheck({ ...settings, clock })),
      guarded('collector', collectorCheck(env, clock)),
    ]
    const findings = await Promise.all(checks.map((check) => check()))
    if (given.json) out.line(JSON.stringify(findings))
    else for (const finding of findings) show(finding, out)
    return findings.some(({ state }) => state === 'broken') ? EXIT.badInput : EXIT.ok
  },
)

const MARKS: Readonly<Record<Finding['state'], readonly [mark: string, style: Style]>> = {
  works: ['✓', 'green'],
  absent: ['·', 'dim'],
  broken: ['✗', 'red'],
}

function show({ about, state, text, advice }: Finding, { line, paint }: Screen): void {
  const [mark, style] = MARKS[state]
  const indented = text.replaceAll('\n', `\n${' '.repeat(14)}`)
  line(`${paint(style, mark)} ${about.padEnd(11)} ${indented}`)
  if (advice !== undefined) line(paint('dim', `${' '.repeat(14)}→ ${advice}`))
}
