import { describe, expect, it } from 'vitest'
import { sectionsOf } from '../../src/tools/document.ts'

const GUIDE = `Before.

# Guide

Hello **there**.

## Install

\`\`\`sh title="shell"
npm install
\`\`\`

1. In a list:
   \`\`\`js
   const a = 1
   \`\`\`

> \`\`\`
> # no heading
> \`\`\`

    indented code

### Deep

Text.

## \`run(options)\`

Setext
======
end`

describe('sectionsOf', () => {
  it('divides a document at its headings and knows what each lies under, and where it begins', () => {
    const sections = sectionsOf(GUIDE)
    expect(sections.map(({ heading, above, line }) => [line, ...above, heading])).toEqual([
      [1, ''],
      [3, 'Guide'],
      [7, 'Guide', 'Install'],
      [24, 'Guide', 'Install', 'Deep'],
      [28, 'Guide', '`run(options)`'],
      [30, 'Setext'],
    ])
    const lines = GUIDE.split('\n')
    for (const { line, text } of sections) expect(text.split('\n')[0]).toBe(lines[line - 1])
    expect(sections[1]!.text).toBe('# Guide\n\nHello **there**.')
  })

  it('gives the fenced code of a section with its language, also from lists and quotes', () => {
    expect(sectionsOf(GUIDE)[2]!.code).toEqual([
      { language: 'sh', text: 'npm install' },
      { language: 'js', text: 'const a = 1' },
      { language: '', text: '# no heading' },
    ])
  })

  it('reads no heading out of front matter, and begins where the first words are', () => {
    const sections = sectionsOf('---\ntitle: x\ntags: y\n---\n\nBefore.\n\n# A\n')
    expect(sections.map(({ heading, line, text }) => [line, heading, text])).toEqual([
      [6, '', 'Before.'],
      [8, 'A', '# A'],
    ])
  })

  it('counts lines alike where they end as in Windows', () => {
    const windows = sectionsOf(GUIDE.replaceAll('\n', '\r\n'))
    expect(windows.map(({ line }) => line)).toEqual(sectionsOf(GUIDE).map(({ line }) => line))
  })

  it('has none in an empty document', () => {
    expect(sectionsOf('')).toEqual([])
    expect(sectionsOf('\n\n')).toEqual([])
  })
})
