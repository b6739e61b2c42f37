import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { endIncarnation, incarnationOf, lives, ownIncarnation } from '../../src/embedded/incarnation.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { deadPid } from './surroundings.ts'

describe('an incarnation', () => {
  it('lives while its process does', async () => {
    expect(await lives(await ownIncarnation())).toBe(true)
    expect(await incarnationOf(await deadPid())).toBeUndefined()
  })

  it('is not another process with the same pid', async () => {
    expect(await lives({ pid: process.pid, start: '1' })).toBe(false)
  })

  it('is read from ps where there is no /proc', async () => {
    const own = await incarnationOf(process.pid, 'darwin')
    expect(own).toEqual({ pid: process.pid, start: expect.stringMatching(/^\d+$/) })
    expect(await incarnationOf(await deadPid(), 'darwin')).toBeUndefined()
  })

  it('is ended by force where asking does not help', async () => {
    const stubborn = spawn('sh', ['-c', 'trap "" TERM; echo ready; read line'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    onTestFinished(() => void stubborn.kill('SIGKILL'))
    await once(createInterface(stubborn.stdout), 'line')
    const incarnation = (await incarnationOf(stubborn.pid!))!
    // A clock on which every look takes a minute.
    let minutes = 0
    const clock = { ...systemClock(), now: () => minutes++ * 60_000 }
    await endIncarnation(incarnation, clock)
    await expect.poll(() => lives(incarnation)).toBe(false)
    expect(stubborn.signalCode ?? (await once(stubborn, 'exit'))[1]).toBe('SIGKILL')
  })

  it('is over for a zombie, which nobody may ever reap', async () => {
    // The second shell inherits the child of the first, and never asks how it ended.
    const parent: ChildProcess = spawn('sh', ['-c', 'cat <&3 & exec sh -c "echo $!; read line"'], {
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = (await once(createInterface(parent.stdout!), 'line')) as [string]
    parent.kill('SIGSTOP') // some shells ask while they read
    parent.stdio[3]!.destroy()
    await expect.poll(() => incarnationOf(Number(line))).toBeUndefined()
    expect(() => process.kill(Number(line), 0)).not.toThrow()
  })
})
