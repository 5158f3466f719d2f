URL=http://127.0.0.1:8787 # or the ApiUrl of your deployment
KEY=hp_...                # its scopes: runtime and review

curl "$URL/v1/workflows/reviews" \
  -H "Api-Key: $KEY" -H "content-type: application/json" -d '{
  "run_id": "run_1", "block_id": "extract",
  "workflow_id": "wf_invoices", "workflow_version_id": "wfv_7",
  "block_type": "extract",
  "triggered_by": { "kind": "low_confidence" },
  "snapshot": { "vendor": "Northwind", "total": 12.50 }
}'

curl "$URL/v1/workflows/reviews/run_1/extract/decision" \
  -H "Api-Key: $KEY" -H "content-type: application/json" -d '{
  "verdict": "approved", "version_stamp": 0
}'
