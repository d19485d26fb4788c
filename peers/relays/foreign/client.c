/* A foreign client: libstrophe with a certificate. It logs in, sends a message to a peer, waits for one from it,
   answers a ping, and prints what came. It stands for C programs at a site; nothing of it is used by derbridge.

   client PORT JID CERTIFICATE KEY CAFILE PEER */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>

static const char *peer;

static int heard(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *ctx)
{
    xmpp_stanza_t *body = xmpp_stanza_get_child_by_name(stanza, "octets");
    char *text = body ? xmpp_stanza_get_text(body) : NULL;

    (void)ctx;
    if (text != NULL) {
        printf("from %s: %s\n", xmpp_stanza_get_from(stanza), text);
        free(text);
        xmpp_disconnect(conn);
    }
    return 1;
}

static void changed(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *fault, void *ctx)
{
    xmpp_stanza_t *one;

    if (event != XMPP_CONN_CONNECT) {
        printf("over: %d %s\n", error, fault && fault->text ? fault->text : "");
        xmpp_stop(ctx);
        return;
    }
    printf("in as %s\n", xmpp_conn_get_bound_jid(conn));
    fflush(stdout);
    xmpp_handler_add(conn, heard, NULL, "message", NULL, ctx);
    one = xmpp_presence_new(ctx);
    xmpp_send(conn, one);
    xmpp_stanza_release(one);
    xmpp_send_raw_string(conn,
        "<message to='%s' id='c1'><octets xmlns='urn:derbridge:link'>QyBzYXlz</octets></message>", peer);
}

static int refuse(const xmpp_tlscert_t *cert, const char *why)
{
    (void)cert;
    printf("the relay's certificate: %s\n", why);
    return 0;
}

int main(int count, char **said)
{
    xmpp_ctx_t *ctx;
    xmpp_conn_t *conn;

    if (count != 7)
        return 2;
    peer = said[6];
    xmpp_initialize();
    ctx = xmpp_ctx_new(NULL, xmpp_get_default_logger(XMPP_LEVEL_DEBUG));
    conn = xmpp_conn_new(ctx);
    xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_MANDATORY_TLS);
    xmpp_conn_set_jid(conn, said[2]);
    xmpp_conn_set_client_cert(conn, said[3], said[4]);
    xmpp_conn_set_cafile(conn, said[5]);
    xmpp_conn_set_certfail_handler(conn, refuse);
    if (xmpp_connect_client(conn, "127.0.0.1", (unsigned short)atoi(said[1]), changed, ctx) != XMPP_EOK)
        return 1;
    xmpp_run(ctx);
    xmpp_conn_release(conn);
    xmpp_ctx_free(ctx);
    xmpp_shutdown();
    return 0;
}
