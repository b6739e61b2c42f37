/** What whoever has agents work on a workspace must know. */
export const NO_SANDBOX =
  "the workspace's commands and tests, with code that agents wrote, run with your rights and in no sandbox"
