module.exports = {
  get unzlibSync() {
    return require('fflate').unzlibSync;
  },
};
