module.exports = (...args) => {
  const library = require('@mongodb-js/saslprep');
  return (library.default ?? library)(...args);
};
