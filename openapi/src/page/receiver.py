import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from standardwebhooks import Webhook, WebhookVerificationError  # pip install standardwebhooks

webhook, seen = Webhook(os.environ["SIGNING_SECRET"]), set()  # keep the ids where they survive a restart

def handle(message):  # raise an error if you cannot handle it: it is sent again
    if "verdict" in message:  # the decision, sent to the `resume` URL
        print(message["verdict"], message["workflow_run_id"], message["block_id"], flush=True)
    else:  # an event; `webhook.test` has no review
        print(message["type"], message["data"].get("block_run_id", ""), flush=True)

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            message = webhook.verify(body, headers)  # checks the signature and the time
        except WebhookVerificationError:
            return self.send_error(401)
        if headers["webhook-id"] not in seen:
            handle(message)  # if your work takes longer than a second, keep the message and answer first
            seen.add(headers["webhook-id"])
        self.send_response(204)
        self.end_headers()

if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver).serve_forever()
