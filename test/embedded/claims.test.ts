import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claim, livingClaims } from '../../src/embedded/claims.ts'
import { systemRandom } from '../../src/time/random.ts'
import { deadPid, temporaryFolder } from './surroundings.ts'

describe('claims', () => {
  it('are listed until they are dropped', async () => {
    const folder = await temporaryFolder()
    const [first, second] = [await claim(folder, systemRandom()), await claim(folder, systemRandom())]
    expect((await livingClaims(folder)).sort()).toEqual([first.name, second.name].sort())
    await first.drop()
    expect(await livingClaims(folder)).toEqual([second.name])
  })

  it('end with their process, also where its pid lives on in another', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, `${await deadPid()}-12345-00ff`), '')
    await writeFile(join(folder, `${process.pid}-1-00ff`), '')
    expect(await livingClaims(folder)).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  it('leave alone what they did not write', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, '.DS_Store'), '')
    expect(await livingClaims(folder)).toEqual([])
    expect(await readdir(folder)).toEqual(['.DS_Store'])
  })

  it('are none in a folder that does not exist', async () => {
    expect(await livingClaims(join(await temporaryFolder(), 'none'))).toEqual([])
  })
})
