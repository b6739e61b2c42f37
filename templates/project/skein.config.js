/** What one would otherwise repeat on every command line. */
export default {
  roles: ['./roles/librarian.md', './roles/editor.md'],
  documents: './documents',
}
