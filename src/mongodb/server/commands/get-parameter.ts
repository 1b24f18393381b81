import type { Command } from '../operation';
import { success } from '../status';

/** mongosh asks for the feature compatibility version, mongos asks its mongod for the version of the authorization schema. */
export const getParameter: Command = {
  name: 'getParameter',
  requiresAuth: true,
  run(operation, reply) {
    const { command, service } = operation;
    const all = command.string('getParameter') === '*';
    const wanted = (name: string): boolean => all || command.has(name);
    const version = service.options.version.split('.').slice(0, 2).join('.');
    reply(
      success({
        ...(wanted('featureCompatibilityVersion') ? { featureCompatibilityVersion: { version } } : {}),
        ...(wanted('authenticationMechanisms')
          ? { authenticationMechanisms: [...service.options.mechanisms] }
          : {}),
        ...(wanted('authSchemaVersion') && service.options.store
          ? { authSchemaVersion: service.options.store.schemaVersion }
          : {}),
      }),
    );
  },
};
