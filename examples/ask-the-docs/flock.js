/** The flock: its roles, and the job that they do together. */
import { importDirectory } from 'skein'
import { clerk } from './clerk.js'
import { editor } from './editor.js'
import { desk } from './protocol.js'
import { reader } from './reader.js'

export { clerk, editor, reader }

/** A question about a folder of Markdown. */
export const askTheDocs = ({ question, folder }) => ({
  goal: question,
  roles: [
    { role: clerk, count: 1 },
    { role: reader, count: 2 },
    { role: editor, count: 1 },
  ],
  async prepare({ blobs }) {
    const documents = await importDirectory(blobs, folder)
    return {
      documents: documents.hash,
      start: {
        role: clerk.name,
        message: desk.messages.question,
        body: { question },
        answers: [desk.messages.answer],
      },
    }
  },
})
