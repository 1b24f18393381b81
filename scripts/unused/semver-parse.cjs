module.exports = (version) => ({ version });
