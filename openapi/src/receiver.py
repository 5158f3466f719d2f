import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from standardwebhooks import Webhook, WebhookVerificationError  # pip install standardwebhooks

webhook, seen = Webhook(os.environ["SIGNING_SECRET"]), set()  # keep what you have seen where it outlives a restart

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            event = webhook.verify(body, headers)  # refuses another body, another id, another secret, an old time
        except WebhookVerificationError:
            return self.send_error(401)
        if headers["webhook-id"] not in seen:
            seen.add(headers["webhook-id"])
            print(event["type"], event["data"]["block_run_id"], flush=True)  # answer first if your work takes longer than a second
        self.send_response(204)
        self.end_headers()

if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver).serve_forever()
