"""Values that the example lines share; all made up."""

from typing import Final

COHORT: Final = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
OTHER_COHORT: Final = "d4b7a5f0-6f0d-4c51-9a4e-3f1f5d2c8e90"
SESSION: Final = "056511f5-bafe-439b-ac08-ffe69141a3ac"
MAKE_UP_SESSION: Final = "7b1f9f0e-52a4-4f0b-8a3c-1c0c9a7e6d54"
PERSON_REF: Final = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
ENROLMENT: Final = "49a55949-870f-544b-9595-67b432e39084"
TICKET: Final = "d21c7a3e-0b5f-4e86-9c14-8f6a2b7d5e09"
CERTIFICATE: Final = "c920adca-87df-5b60-9649-d803059ae681"
PARTY: Final = "6fa1b0d6-3c39-5a4f-8e55-0d0f3c4b7a21"
BUREAU: Final = "1f6c0c3e-9f57-5d0e-a1c4-5b8e7a90d3f2"
STAFF: Final = "5c1d2f9e-7f0a-4c38-8a55-6f2d6d6f7c11"
CLERK: Final = "9e8a2d40-1c7b-4b6f-93c5-2a0f4e6d8b13"
HEAD_OF_OFFICE: Final = "b05d7c62-8e3f-4a19-8d24-7c6f1b9a0e35"
EVENT: Final = "019cac18-4e40-7ebe-84ab-be425175f8c0"
OTHER_EVENT: Final = "019cac1f-2b60-7c4d-9e31-5d8a7f3c6b02"
DIGEST: Final = "ab" * 32
