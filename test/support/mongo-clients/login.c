/* Logs in with libmongoc: one URI each argument, one line of JSON each answer. */
#include <mongoc/mongoc.h>
#include <stdio.h>

static bool run(mongoc_client_t *client, const char *name, bson_t *reply, bson_error_t *error)
{
   bson_t *command = BCON_NEW(name, BCON_INT32(1));
   bool ok = mongoc_client_command_simple(client, "admin", command, NULL, reply, error);
   bson_destroy(command);
   return ok;
}

static void append_users(bson_t *answer, const bson_t *status)
{
   bson_iter_t iter, list;
   bson_t users;
   uint32_t count = 0;
   BSON_APPEND_ARRAY_BEGIN(answer, "users", &users);
   if (bson_iter_init(&iter, status) && bson_iter_find_descendant(&iter, "authInfo.authenticatedUsers", &list) &&
       bson_iter_recurse(&list, &iter)) {
      while (bson_iter_next(&iter)) {
         bson_iter_t user;
         char key[16];
         if (!bson_iter_recurse(&iter, &user) || !bson_iter_find(&user, "user")) continue;
         snprintf(key, sizeof key, "%u", count++);
         BSON_APPEND_UTF8(&users, key, bson_iter_utf8(&user, NULL));
      }
   }
   bson_append_array_end(answer, &users);
}

static void print(const bson_t *answer)
{
   char *json = bson_as_relaxed_extended_json(answer, NULL);
   printf("%s\n", json);
   fflush(stdout);
   bson_free(json);
}

int main(int argc, char **argv)
{
   bson_t version = BSON_INITIALIZER;
   mongoc_init();
   BSON_APPEND_UTF8(&version, "version", mongoc_get_version());
   print(&version);
   bson_destroy(&version);
   for (int i = 1; i < argc; i++) {
      bson_t answer = BSON_INITIALIZER;
      bson_t pong, status;
      bson_error_t error = {0};
      mongoc_uri_t *uri = mongoc_uri_new_with_error(argv[i], &error);
      mongoc_client_t *client = uri ? mongoc_client_new_from_uri(uri) : NULL;
      bool ok = false;
      bson_init(&pong);
      bson_init(&status);
      if (client) {
         mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
         bson_destroy(&pong);
         ok = run(client, "ping", &pong, &error);
         if (ok) {
            bson_destroy(&status);
            ok = run(client, "connectionStatus", &status, &error);
         }
      }
      if (ok) {
         append_users(&answer, &status);
      } else {
         BSON_APPEND_INT32(&answer, "code", (int32_t) error.code);
         BSON_APPEND_UTF8(&answer, "message", error.message);
      }
      print(&answer);
      bson_destroy(&pong);
      bson_destroy(&status);
      bson_destroy(&answer);
      if (client) mongoc_client_destroy(client);
      if (uri) mongoc_uri_destroy(uri);
   }
   mongoc_cleanup();
   return 0;
}
