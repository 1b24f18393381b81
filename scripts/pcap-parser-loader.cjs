// `new Buffer(size)` makes Node warn on the terminal, and only where the library is bundled: inside node_modules it is quiet.
module.exports = (source) => source.replaceAll('new Buffer(', 'Buffer.alloc(');
