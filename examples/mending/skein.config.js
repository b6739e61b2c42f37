export default { roles: ['./mender.md', './critic.md'] }
