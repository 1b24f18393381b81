module.exports = {
  get BSON() {
    return require('bson').BSON;
  },
};
